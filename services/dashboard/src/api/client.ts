// The one client of the page. That a login is needed, however it comes to light, is told to whoever keeps the door.
import { ApiError, AssayClient, type Answered, type GraphqlDocument } from '@assay/api-client';
import { socketOptions } from './live-socket.ts';
import { heedCode } from './login-needed.ts';

export const client = new AssayClient({ url: '', socket: socketOptions(() => client.reconnect()) });

/** Asks once. Throws ApiError; nothing is tried again here. An aborted request rejects with the abort's reason. */
export async function request<Data, Variables>(
  document: GraphqlDocument<Data, Variables>,
  variables: Variables,
  signal?: AbortSignal,
  timeoutMs?: number,
): Promise<Answered<Data>> {
  try {
    const answered = await client.request(document, variables, { signal, timeoutMs });
    if (answered.partial) heedCode(answered.partial.code);
    return answered;
  } catch (error) {
    if (error instanceof ApiError) heedCode(error.code);
    throw error;
  }
}
