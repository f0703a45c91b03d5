// For the tests of adapters: programs in processes of their own. Not for anything that ships.
export { buildChild, until, type ChildProgram, type RunningChild } from './child-program.ts';
export { runConsumerProgram } from './consumer-program.ts';
