import { postAuth } from './auth-api.ts';

/** Ends the session. Starting the page anew leaves nothing of it in this browser's memory. */
export async function logOut(goOnAt = '/'): Promise<void> {
  await postAuth('logout', {});
  location.replace(goOnAt);
}
