// What an object held, for showing to people and for handing on: without what only the services need. By a convention of all kinds: fields that
// hold the hash of a secret end in Hash or Hashes, and fields that hold a secret under a seal begin with sealed.
const SECRET_FIELD = /^sealed([A-Z]|$)|Hash(es)?$/;
/** That there is one may be shown, and is of use: it tells when a password was set. */
const PLACEHOLDER = '(secret)';

/** @param body of an object of any kind, as it was put into the log */
export function shownBody(body: unknown): unknown {
  if (Array.isArray(body)) return body.map(shownBody);
  if (typeof body !== 'object' || body === null) return body;
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [name, SECRET_FIELD.test(name) ? PLACEHOLDER : shownBody(value)]),
  );
}
