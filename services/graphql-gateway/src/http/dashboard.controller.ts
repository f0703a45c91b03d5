// Everything that is no other route is the dashboard's. Registered last, for it matches every path.
import { Controller, Get, Inject, Next, Req, Res } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import type { RequestHandler } from './dashboard-files.ts';
import { DASHBOARD } from './tokens.ts';

@Controller()
export class DashboardController {
  readonly #serve: RequestHandler;

  constructor(@Inject(DASHBOARD) serve: RequestHandler) {
    this.#serve = serve;
  }

  @Get('{*path}')
  serve(@Req() request: Request, @Res() response: Response, @Next() next: NextFunction): void {
    this.#serve(request, response, next);
  }
}
