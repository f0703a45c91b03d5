// npm run sim -- --seed N [--runs K] [--steps S]: runs the pipeline simulation from seed N on, K times with K seeds, and prints
// what it found. A seed that breaks an invariant is printed with the command that repeats it, and the run fails.
import { parseArgs } from 'node:util';
import { runPipelineSimulation } from './pipeline-simulation.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    runs: { type: 'string', default: '1' },
    steps: { type: 'string', default: '2000' },
  },
});
const [seed, runs, steps] = [values.seed, values.runs, values.steps].map(Number) as [number, number, number];
if (![seed, runs, steps].every((value) => Number.isSafeInteger(value) && value >= 0) || runs < 1) {
  process.stderr.write('--seed, --runs and --steps are whole numbers\n');
  process.exit(2);
}

let broken = 0;
for (let run = 0; run < runs; run++) {
  const report = await runPipelineSimulation({ seed: seed + run, steps });
  process.stdout.write(`${JSON.stringify(report)}\n`);
  if (report.violations.length === 0) continue;
  broken++;
  process.stdout.write(`broken: repeat with npm run sim -- --seed ${report.seed} --steps ${steps}\n`);
}
process.stdout.write(`${runs - broken} of ${runs} runs held every invariant\n`);
process.exit(broken === 0 ? 0 : 1);
