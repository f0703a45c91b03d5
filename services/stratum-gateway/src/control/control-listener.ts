// Lets operators act through the `control` topic: a new job now, miners put to another source or sent elsewhere, a message shown to them.
// Only records appended after the gateway started are acted on, but for routes, which are a state and not an act: the last word on
// each holds, however old it is. What is not understood is counted and otherwise left alone. The configuration, which is on the topic as well,
// is the ControlLog's, which reads it.
import type { StoredRecord } from '@assay/event-log';
import type { Logger } from '@assay/platform';
import { encodeReconnect, encodeShowMessage, encodeVersionRequest } from '@assay/stratum';
import { controlCommand, type ControlCommand } from './control-command.ts';
import type { RouteChange } from '../jobs/feeds.ts';
import type { GatewayTallies } from '../gateway-tallies.ts';
import type { StratumServer } from '../miners/stratum-server.ts';

/** What commands act on besides the miners. */
export interface Controlled {
  /** @param source all of them when undefined */
  refresh(newBlock: boolean, source: string | undefined): void;
  /** Returns what is wrong with the change, if anything is. */
  route(change: RouteChange): string | undefined;
}

export class ControlListener {
  readonly #server: StratumServer;
  readonly #controlled: Controlled;
  readonly #logger: Logger;
  readonly #tallies: GatewayTallies;
  readonly #sinceUs: number;

  /** @param sinceUs records appended before are history. */
  constructor(server: StratumServer, controlled: Controlled, logger: Logger, tallies: GatewayTallies, sinceUs: number) {
    this.#server = server;
    this.#controlled = controlled;
    this.#logger = logger;
    this.#tallies = tallies;
    this.#sinceUs = sinceUs;
  }

  /** A record of the topic that is no change of the configuration. */
  handle(value: unknown, { offset, timestampUs }: StoredRecord): void {
    const isNew = timestampUs >= this.#sinceUs;
    const command = controlCommand.safeParse(value).data;
    if (command === undefined) {
      if (isNew) this.#tallies.unknownControls++;
      return;
    }
    if (!isNew && command.type !== 'route') return;
    this.#logger.info({ command, offset }, 'control');
    this.act(command);
  }

  act(command: ControlCommand): void {
    switch (command.type) {
      case 'job_refresh':
        return this.#controlled.refresh(command.newBlock, command.source);
      case 'route':
        return this.#route(command);
      case 'reconnect':
        return this.#send(command, encodeReconnect(command.host, command.port, command.waitSeconds));
      case 'show_message':
        return this.#send(command, encodeShowMessage(command.text));
      case 'get_version':
        return this.#send(command, encodeVersionRequest());
    }
  }

  #route({ worker, port, source }: Extract<ControlCommand, { type: 'route' }>): void {
    const to = { source: source ?? undefined };
    const problem = this.#controlled.route(port === undefined ? { worker: worker!, ...to } : { port, ...to });
    if (problem === undefined) return;
    this.#tallies.unknownControls++;
    this.#logger.error({ worker, port, source, problem }, 'a route could not be changed');
  }

  /** To everybody only when that was said. */
  #send(
    command: { readonly worker?: string | undefined; readonly all?: boolean | undefined },
    bytes: Uint8Array,
  ): void {
    if (command.worker !== undefined || command.all === true) this.#server.sendTo(command.worker, bytes);
    else this.#tallies.unknownControls++;
  }
}
