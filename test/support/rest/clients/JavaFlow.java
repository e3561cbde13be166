import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.sourcelab.kafka.connect.apiclient.Configuration;
import org.sourcelab.kafka.connect.apiclient.KafkaConnectClient;
import org.sourcelab.kafka.connect.apiclient.request.dto.ConnectorPluginConfigDefinition;
import org.sourcelab.kafka.connect.apiclient.request.dto.NewConnectorDefinition;

/** What an operator's program does with org.sourcelab:kafka-connect-client: prints what each step answered, as JSON. */
public class JavaFlow {
  public static void main(String[] args) throws Exception {
    String base = args[0], name = args[1], file = args[2], topic = args[3];
    KafkaConnectClient client = new KafkaConnectClient(new Configuration(base));
    Map<String, String> config = Map.of("connector.class", "FileStreamSource", "tasks.max", "1", "file", file, "topic", topic);
    Map<String, Object> seen = new LinkedHashMap<>();
    seen.put("version", client.getConnectServerVersion().getVersion());
    seen.put("plugin", client.getConnectorPlugins().stream()
        .filter(plugin -> plugin.getClassName().endsWith(".FileStreamSourceConnector")).map(plugin -> plugin.getType()).toList());
    seen.put("invalid", client.validateConnectorPluginConfig(ConnectorPluginConfigDefinition.newBuilder()
        .withName("FileStreamSourceConnector").withConfig("connector.class", "FileStreamSource").withConfig("name", name).build()).getErrorCount());
    seen.put("created", client.addConnector(NewConnectorDefinition.newBuilder().withName(name).withConfig(config).build()).getName());
    seen.put("running", until(client, name, "RUNNING"));
    seen.put("listed", client.getConnectors().contains(name));
    seen.put("expanded", client.getConnectorsWithAllExpandedMetadata().getStatusForConnector(name).getConnector().get("state"));
    seen.put("config", client.getConnectorConfig(name));
    client.pauseConnector(name);
    seen.put("paused", until(client, name, "PAUSED"));
    client.resumeConnector(name);
    seen.put("resumed", until(client, name, "RUNNING"));
    client.restartConnector(name);
    seen.put("restarted", until(client, name, "RUNNING"));
    client.restartConnectorTask(name, 0);
    until(client, name, "RUNNING");
    seen.put("task", client.getConnectorTaskStatus(name, 0).getId());
    seen.put("tasks", client.getConnectorTasks(name).stream().map(task -> task.getId().getTask()).toList());
    seen.put("topics", List.of(client.getConnectorTopics(name).getName()));
    client.resetConnectorTopics(name);
    Map<String, String> changed = new HashMap<>(config);
    changed.put("batch.size", "100");
    seen.put("updated", client.updateConnectorConfig(name, changed).getConfig().get("batch.size"));
    client.deleteConnector(name);
    seen.put("gone", !client.getConnectors().contains(name));
    System.out.println(new ObjectMapper().writeValueAsString(seen));
  }

  /** The states of connector and task, once both have followed. */
  private static List<String> until(KafkaConnectClient client, String name, String state) throws InterruptedException {
    long deadline = System.nanoTime() + 60_000_000_000L;
    for (;;) {
      var status = client.getConnectorStatus(name);
      List<String> now = new ArrayList<>(List.of(status.getConnector().get("state")));
      status.getTasks().forEach(task -> now.add(task.getState()));
      if (now.equals(List.of(state, state))) return now;
      if (System.nanoTime() > deadline) throw new IllegalStateException(name + " is " + now + ", expected " + state);
      Thread.sleep(100);
    }
  }
}
