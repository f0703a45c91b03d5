// An alerter as a process of its own.
import 'reflect-metadata';
import { runService } from '@assay/platform';
import { composeAlerter } from './compose.ts';
import { alerterSettings } from './config.ts';

runService({ name: 'alerter', tables: [alerterSettings], compose: composeAlerter });
