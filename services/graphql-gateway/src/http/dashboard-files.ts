// Serves the dashboard's built files: hashed assets for ever, everything else revalidated, and index.html for any path that is a
// page of the dashboard rather than a file. Without a build it says how to make one.
import express, { type NextFunction, type Request, type Response } from 'express';
import { existsSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BUILT_IN_THIS_CHECKOUT = fileURLToPath(new URL('../../../dashboard/dist', import.meta.url));

/** What Vite names its assets: `name-` and at least eight characters of a content hash. */
const HASHED_ASSET = /-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$/;

const ASSET_EXTENSIONS: ReadonlySet<string> = new Set(
  ['js', 'mjs', 'css', 'map', 'json', 'webmanifest', 'html', 'txt', 'svg', 'png', 'jpg', 'webp', 'ico', 'woff2'].map(
    (name) => `.${name}`,
  ),
);

const MISSING_BUILD = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Assay: the dashboard is not built</title></head>
<body>
<h1>The dashboard is not built yet</h1>
<p>The pool is running; only its web page is missing. Build it in the checkout and reload:</p>
<pre>npm run build</pre>
<p>GraphQL answers meanwhile at <a href="/graphql">/graphql</a>, health at <a href="/readyz">/readyz</a>, metrics at <a href="/metrics">/metrics</a>.</p>
</body>
</html>
`;

export type RequestHandler = (request: Request, response: Response, next: NextFunction) => void;

/** @param directory where `index.html` is; empty for this checkout's own build. Looked at on every request, so a build appears without a restart. */
export function dashboardFiles(directory: string): RequestHandler {
  const root = directory === '' ? BUILT_IN_THIS_CHECKOUT : directory;
  const files = express.static(root, {
    index: false,
    redirect: false,
    dotfiles: 'ignore',
    setHeaders: (response, path) => response.setHeader('Cache-Control', cacheControl(path)),
  });
  return (request, response, next) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return next();
    files(request, response, (error?: unknown) => {
      if (response.headersSent) return;
      if (error) return next(error);
      if (isAssetRequest(request)) return next();
      sendPage(response, root, next);
    });
  };
}

/** A missing asset must stay missing: a page in its place would be taken for a script. A page's path may hold dots, as worker names do. */
function isAssetRequest(request: Request): boolean {
  if (request.path.startsWith('/assets/')) return true;
  return ASSET_EXTENSIONS.has(extname(request.path)) && !request.headers.accept?.includes('text/html');
}

function cacheControl(path: string): string {
  return HASHED_ASSET.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache';
}

function sendPage(response: Response, root: string, next: NextFunction): void {
  response.setHeader('Cache-Control', 'no-cache');
  if (!existsSync(join(root, 'index.html'))) {
    response.status(503).type('html').send(MISSING_BUILD);
    return;
  }
  response.sendFile('index.html', { root, cacheControl: false }, (error?: Error) => {
    if (error && !response.headersSent) next(error);
  });
}
