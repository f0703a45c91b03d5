export { parseCommand } from './options.ts';
export { runCommand } from './run-command.ts';
