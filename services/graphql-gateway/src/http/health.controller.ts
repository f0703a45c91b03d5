// Whether the process lives, and whether it is ready to serve: what an orchestrator asks.
import type { ReadyReport } from '@assay/platform';
import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { Response } from 'express';
import { READINESS } from './tokens.ts';

@Controller()
export class HealthController {
  readonly #readiness: () => Promise<ReadyReport>;

  constructor(@Inject(READINESS) readiness: () => Promise<ReadyReport>) {
    this.#readiness = readiness;
  }

  /** 200 as long as the process answers at all. */
  @Get('healthz')
  alive(): { alive: true } {
    return { alive: true };
  }

  /** 200 when every check is 'ok', 503 with the reasons otherwise. */
  @Get('readyz')
  async ready(@Res() response: Response): Promise<void> {
    let report: ReadyReport;
    try {
      report = await this.#readiness();
    } catch (error) {
      report = {
        ready: false,
        checks: {
          readiness: `The checks could not be made: ${error instanceof Error ? error.message : String(error)}`,
        },
      };
    }
    response.setHeader('Cache-Control', 'no-store');
    response.status(report.ready ? 200 : 503).json(report);
  }
}
