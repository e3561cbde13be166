"""What LocalStack community lacks to run our stacks without Docker; each file is one plug-in (see ../entry_points.txt)."""
