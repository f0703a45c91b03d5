// Somebody who asks a sample gateway over HTTP: a user by cookie, a key by token, or nobody in particular.
import type { Answer, SampleGateway } from './sample-gateway.ts';

export class Asker {
  readonly #pool: SampleGateway;
  readonly #headers: Record<string, string>;

  constructor(pool: SampleGateway, headers: Record<string, string> = {}) {
    this.#pool = pool;
    this.#headers = headers;
  }

  ask(query: string, variables: object = {}): Promise<Answer> {
    return this.#pool.post(JSON.stringify({ query, variables }), this.#headers);
  }

  /** The data, which must come without errors. */
  async data(query: string, variables: object = {}): Promise<Answer['data']> {
    const { data, errors } = await this.ask(query, variables);
    if (errors !== undefined) throw new Error(`the answer has errors: ${JSON.stringify(errors)}`);
    return data;
  }

  /** The code of the error. */
  async code(query: string, variables: object = {}): Promise<string | undefined> {
    return (await this.ask(query, variables)).errors?.[0]?.extensions.code;
  }
}
