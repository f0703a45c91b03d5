import { describe, expect, it } from 'vitest';
import { ControlUsageError, parseControl } from './control-tool.ts';

describe('the control tool', () => {
  it.each([
    ['route acme.north backup', { type: 'route', worker: 'acme.north', source: 'backup' }],
    ['route acme --reset', { type: 'route', worker: 'acme', source: null }],
    ['route --port stratum backup', { type: 'route', port: 'stratum', source: 'backup' }],
    ['refresh', { type: 'job_refresh', newBlock: false }],
    ['refresh main --new-block', { type: 'job_refresh', newBlock: true, source: 'main' }],
    ['reconnect --all', { type: 'reconnect', all: true, waitSeconds: 0 }],
    [
      'reconnect acme.m1 --host pool.example --to-port 3333 --wait 5',
      { type: 'reconnect', worker: 'acme.m1', host: 'pool.example', port: 3333, waitSeconds: 5 },
    ],
    ['message acme.m1 hello', { type: 'show_message', worker: 'acme.m1', text: 'hello' }],
    ['versions --all', { type: 'get_version', all: true }],
  ])('reads %s', (line, command) => {
    expect(parseControl(line.split(' '))).toEqual(command);
  });

  it.each([
    'route acme',
    'route',
    'fly',
    'refresh a b',
    'message --all',
    'reconnect --all --to-port x',
    'route a b --nope',
  ])('refuses %s with a sentence', (line) => {
    expect(() => parseControl(line.split(' '))).toThrow(ControlUsageError);
  });

  it('has help', () => {
    expect(parseControl([])).toBeUndefined();
    expect(parseControl(['--help'])).toBeUndefined();
  });
});
