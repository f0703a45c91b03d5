// An aggregator as a process of its own.
import 'reflect-metadata';
import { runService } from '@assay/platform';
import { composeAggregator } from './compose.ts';
import { aggregatorSettings } from './config.ts';

runService({ name: 'aggregator', tables: [aggregatorSettings], compose: composeAggregator });
