// npm run build
import { ensureBuilt, ensureInstalled, say } from './workspace.mjs';

ensureInstalled();
ensureBuilt();
say('built.');
