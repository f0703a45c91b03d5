// Builds the dashboard into dist/, which the GraphQL gateway serves at `/`. Nothing is inlined into the page, so that it runs under
// `Content-Security-Policy: default-src 'self'`.
import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { defaultClientConditions, defineConfig } from 'vite';

// Where `vite dev` finds the API: a running pool or the sample server.
const api = process.env['ASSAY_API'] ?? 'http://127.0.0.1:8080';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [react()],
  // Libraries of this repository from their source, whether they are compiled or not.
  resolve: { conditions: ['@assay/source', ...defaultClientConditions] },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // The oldest browsers with CSS light-dark(), which the two themes are written in.
    target: ['chrome123', 'firefox120', 'safari17.5'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { host: '127.0.0.1', proxy: { '/graphql': { target: api, ws: true }, '/auth': { target: api } } },
});
