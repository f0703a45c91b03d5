// The process's metrics in Prometheus' text format.
import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { Response } from 'express';
import { METRICS_TEXT } from './tokens.ts';

@Controller()
export class MetricsController {
  readonly #metricsText: () => Promise<string>;

  constructor(@Inject(METRICS_TEXT) metricsText: () => Promise<string>) {
    this.#metricsText = metricsText;
  }

  @Get('metrics')
  async metrics(@Res() response: Response): Promise<void> {
    const text = await this.#metricsText();
    response.setHeader('Content-Type', 'text/plain; version=0.0.4; charset=utf-8');
    response.setHeader('Cache-Control', 'no-store');
    response.end(text);
  }
}
