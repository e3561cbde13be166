export { run } from './converters.ts';
