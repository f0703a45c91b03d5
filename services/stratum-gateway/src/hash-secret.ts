// Draws a secret for a worker and prints it with its hash, for the workers file; or, with --own, hashes the line on standard input, which
// somebody thought of. The secret is never an argument: those can be read by every process of the machine.
import { text } from 'node:stream/consumers';
import { drawnSecretText, ownSecretText } from './defence/secret-text.ts';

const own = process.argv.includes('--own');
if (own && process.stdin.isTTY) process.stderr.write('Type the secret, then Enter and Ctrl-D.\n');
const printed = own ? ownSecretText(await text(process.stdin)) : drawnSecretText();
if (printed === undefined) {
  process.stderr.write('A secret has 1 to 256 characters.\n');
  process.exit(1);
}
process.stdout.write(printed);
