// A validator as a process of its own.
import 'reflect-metadata';
import { runService } from '@assay/platform';
import { composeValidator } from './compose.ts';
import { validatorSettings } from './config.ts';

runService({ name: 'validator', tables: [validatorSettings], compose: composeValidator });
