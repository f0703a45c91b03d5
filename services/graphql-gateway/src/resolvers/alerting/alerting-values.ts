// Rules, channels, webhooks and maintenance windows as the schema shows them. Sealed secrets are never in them.
import type { ControlKind, ControlObject, ControlState } from '@assay/tenancy';
import { actorValue } from '../../access/visible-entries.ts';
import type { Viewer } from '../../operation/viewer.ts';

/** Internal values of schema enums, for makeExecutableSchema. */
export const ALERTING_ENUMS = {
  AlertChannelType: { SLACK: 'slack', TELEGRAM: 'telegram', MAIL: 'mail' },
  MailSecurity: { TLS: 'tls', STARTTLS: 'starttls', NONE: 'none' },
};

export class AlertingValues {
  readonly #viewer: Viewer;
  readonly #state: ControlState;

  constructor(viewer: Viewer, state: ControlState) {
    this.#viewer = viewer;
    this.#state = state;
  }

  rule = (object: ControlObject<'alert_rule'>) => ({ ...this.#stamp(object), ...object.body });

  channel = (object: ControlObject<'alert_channel'>) => {
    const { tenant, name, enabled, sendsTo } = object.body;
    const shown = { ...this.#stamp(object), tenant, name, enabled, type: sendsTo.type };
    switch (sendsTo.type) {
      case 'slack':
        return shown;
      case 'telegram':
        return { ...shown, chat: sendsTo.chat };
      case 'mail': {
        if (sendsTo.server === undefined) return { ...shown, to: sendsTo.to };
        const { sealedPassword, ...server } = sendsTo.server;
        return { ...shown, to: sendsTo.to, server: { ...server, hasPassword: sealedPassword !== undefined } };
      }
    }
  };

  webhook = (object: ControlObject<'webhook'>) => {
    const { sealedSecrets, ...body } = object.body;
    return { ...this.#stamp(object), ...body, secrets: sealedSecrets.length };
  };

  window = (object: ControlObject<'maintenance_window'>) => {
    const { fromUs, untilUs, ...body } = object.body;
    return { ...this.#stamp(object), ...body, from: fromUs, until: untilUs };
  };

  #stamp<Kind extends ControlKind>({ id, version, createdAtUs, changedAtUs, changedBy }: ControlObject<Kind>) {
    return {
      id,
      version,
      createdAt: createdAtUs,
      changedAt: changedAtUs,
      changedBy: () => actorValue(this.#viewer, changedBy, this.#state),
    };
  }
}
