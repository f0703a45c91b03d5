import { describe, expect, it } from 'vitest';
import { parseJobsFile, readJobsFile } from './jobs-file.ts';

const parse = (json: unknown) => parseJobsFile('jobs.json', JSON.stringify(json), 'sha256d');
const local = { type: 'local' };

describe('the jobs file', () => {
  it('says what sources there are, and who works for which', () => {
    const plan = parse({
      sources: { main: local, ltc: { type: 'local', algorithm: 'scrypt' } },
      default: 'main',
      ports: [{ port: 3335, algorithm: 'scrypt', source: 'ltc' }],
      routes: { acme: 'main', 'acme.north': ['main', 'ltc'] },
    });
    expect(plan.defaultSource).toBe('main');
    expect(plan.ports).toEqual([
      { name: '3335', host: undefined, port: 3335, algorithm: 'scrypt', source: 'ltc', tls: false },
    ]);
    expect([...plan.routes]).toEqual([
      ['acme', ['main']],
      ['acme.north', ['main', 'ltc']],
    ]);
  });

  it('needs no default where there is one source', () => {
    expect(parse({ sources: { only: local } }).defaultSource).toBe('only');
  });

  it.each([
    ['no source', {}, /sources/],
    ['an unknown type', { sources: { a: { type: 'magic' } } }, /sources\.a\.type/],
    ['an unknown field', { sources: { a: { type: 'local', pace: 3 } } }, /pace/],
    ['a name with a space', { sources: { 'a b': local } }, /no name of letters/],
    ['no default among several', { sources: { a: local, b: local } }, /default: names the source/],
    ['a default that is not there', { sources: { a: local }, default: 'b' }, /default: there is no source b/],
    [
      'a default that hashes otherwise',
      { sources: { a: { type: 'local', algorithm: 'scrypt' } } },
      /is scrypt, not sha256d/,
    ],
    ['a route to nowhere', { sources: { a: local }, routes: { acme: 'b' } }, /routes\.acme: there is no source b/],
    ['a route that names nobody', { sources: { a: local }, routes: { 'a b': 'a' } }, /no beginning of a worker name/],
    [
      'a port of a source that hashes otherwise',
      { sources: { a: local }, ports: [{ port: 1, algorithm: 'scrypt', source: 'a' }] },
      /ports\.1: source a is sha256d/,
    ],
    [
      'two ports of one name',
      {
        sources: { a: local },
        ports: [
          { port: 1, source: 'a' },
          { port: 1, source: 'a' },
        ],
      },
      /same name/,
    ],
  ])('with %s stops the start with a sentence', (_what, json, message) => {
    expect(() => parse(json)).toThrow(message);
    expect(() => parse(json)).toThrow(/^ASSAY_JOBS_FILE=jobs\.json cannot be used/);
  });

  it('that is no JSON, or not there, does so too', () => {
    expect(() => parseJobsFile('jobs.json', '{', 'sha256d')).toThrow(/is not JSON/);
    expect(() => readJobsFile('/nonexistent/jobs.json', 'sha256d')).toThrow(/cannot be read/);
  });
});
