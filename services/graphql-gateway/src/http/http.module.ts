// The Nest module of the gateway: health, metrics and, last because it matches every path, the dashboard.
import type { ReadyReport } from '@assay/platform';
import { Module, type DynamicModule } from '@nestjs/common';
import { DashboardController } from './dashboard.controller.ts';
import type { RequestHandler } from './dashboard-files.ts';
import { HealthController } from './health.controller.ts';
import { MetricsController } from './metrics.controller.ts';
import { DASHBOARD, METRICS_TEXT, READINESS } from './tokens.ts';

export interface HttpPorts {
  readonly readiness: () => Promise<ReadyReport>;
  readonly metricsText: () => Promise<string>;
  readonly dashboard: RequestHandler;
}

@Module({})
export class HttpModule {
  static withPorts(ports: HttpPorts): DynamicModule {
    return {
      module: HttpModule,
      controllers: [HealthController, MetricsController, DashboardController],
      providers: [
        { provide: READINESS, useValue: ports.readiness },
        { provide: METRICS_TEXT, useValue: ports.metricsText },
        { provide: DASHBOARD, useValue: ports.dashboard },
      ],
    };
  }
}
