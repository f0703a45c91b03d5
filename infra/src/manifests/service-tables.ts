// The settings that each service takes, as its process parses them.
import { aggregatorSettings } from '@assay/aggregator';
import { alerterSettings } from '@assay/alerter';
import { graphqlGatewaySettings } from '@assay/graphql-gateway';
import { migratorSettings, retentionSettings } from '@assay/migrator';
import {
  CLUSTER_SETTINGS,
  parseSettings,
  refuseUnknownSettings,
  SettingsError,
  type SettingsTable,
} from '@assay/platform';
import { gatewayProcessSettings, gatewaySettings } from '@assay/stratum-gateway';
import { validatorSettings } from '@assay/validator';

const OWN: Readonly<Record<string, readonly SettingsTable[]>> = {
  'stratum-gateway': [gatewaySettings, gatewayProcessSettings],
  validator: [validatorSettings],
  aggregator: [aggregatorSettings],
  alerter: [alerterSettings],
  'graphql-gateway': [graphqlGatewaySettings],
  migrator: [migratorSettings, retentionSettings],
  // What it takes besides is for the embedded setting.
  'dead-letters': [],
};

/** Undefined for what is no service of ours. */
export function tablesOf(service: string): readonly SettingsTable[] | undefined {
  const own = OWN[service];
  return own === undefined ? undefined : [...own, ...CLUSTER_SETTINGS];
}

/** What the service would say and end with, were it started with these variables; undefined when it would start. */
export function refusal(service: string, env: Readonly<Record<string, string>>): string | undefined {
  const tables = tablesOf(service)!;
  try {
    refuseUnknownSettings(env, tables);
    for (const table of tables) parseSettings(table, env);
    return undefined;
  } catch (error) {
    if (error instanceof SettingsError) return error.message;
    throw error;
  }
}
