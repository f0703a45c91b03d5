export { validatorSettings, type ValidatorConfig } from './config.ts';
export { startValidator, VALIDATOR_GROUP, type ValidatorPorts } from './validator.ts';
