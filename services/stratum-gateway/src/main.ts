// A stratum gateway as a process of its own.
import 'reflect-metadata';
import { runService } from '@assay/platform';
import { composeStratumGateway } from './compose.ts';
import { gatewayProcessSettings, gatewaySettings } from './config.ts';

runService({
  name: 'stratum-gateway',
  tables: [gatewaySettings, gatewayProcessSettings],
  compose: composeStratumGateway,
});
