// The command line for users: makes the first one where no browser reaches the setup link, and helps whoever has lost their way in. Who can
// run it can write the control log, and so may do everything anyway.
import { parseArgs } from 'node:util';
import type { ControlLog } from '@assay/control-log';
import {
  EVERY_TENANT,
  ROLES,
  type Actor,
  type ControlObject,
  type Grant,
  type ObjectChange,
  type Role,
  type User,
} from '@assay/tenancy';
import { invitationPath, newInvitation, newUserId } from './accounts.ts';
import { withoutSecondFactor } from './people.ts';

export const USER_HELP = `Users of a pool, in its control log. See docs/identity.md.

  npm run user -- list
  npm run user -- create EMAIL NAME [--role ROLE] [--tenant TENANT] [--site TENANT.SITE]
                                          may do everything unless told otherwise; prints a link to set a password
  npm run user -- reset EMAIL [--second-factor]
                                          the password and all sessions end, and with the option the second factor; prints a link
  npm run user -- disable EMAIL           ends all sessions; keys do nothing either
  npm run user -- enable EMAIL

Roles: ${ROLES.join(', ')}. Without --tenant a role is over every tenant.
The log is Kafka where ASSAY_KAFKA_BROKERS is set, else the one in ASSAY_DATA_DIR (./data), while the pool runs or not.
`;

const TOOL: Actor = { kind: 'system', id: 'user-tool' };

export class UserUsageError extends Error {
  override readonly name = 'UserUsageError';
}

export type UserCommand =
  | { readonly verb: 'list' }
  | { readonly verb: 'create'; readonly email: string; readonly name: string; readonly grant: Grant }
  | { readonly verb: 'reset'; readonly email: string; readonly secondFactor: boolean }
  | { readonly verb: 'disable' | 'enable'; readonly email: string };

/** Undefined for help. Throws UserUsageError. */
export function parseUserCommand(args: readonly string[]): UserCommand | undefined {
  const { values, positionals } = parsed(args);
  const [verb, email, name, ...rest] = positionals;
  if (values.help === true || verb === undefined || verb === 'help') return undefined;
  const { role = 'operator_admin', tenant = EVERY_TENANT, site, 'second-factor': secondFactor = false } = values;
  const most = { list: 1, create: 3, reset: 2, disable: 2, enable: 2 }[verb];
  if (most === undefined) throw new UserUsageError(`there is no command ${JSON.stringify(verb)}.`);
  if (rest.length > 0 || positionals.length > most) throw new UserUsageError('that is one argument too many.');
  if (verb === 'list') return { verb };
  if (email === undefined) throw new UserUsageError('EMAIL is missing.');
  switch (verb) {
    case 'create':
      if (name === undefined) throw new UserUsageError('NAME is missing.');
      if (!isRole(role)) throw new UserUsageError(`there is no role ${JSON.stringify(role)}.`);
      return { verb, email, name, grant: { role, tenant, ...(site !== undefined && { site }) } };
    case 'reset':
      return { verb, email, secondFactor };
    default:
      return { verb: verb as 'disable' | 'enable', email };
  }
}

/** Throws an Error that says why when it cannot be done. @param baseUrl where people reach the dashboard */
export async function runUserCommand(
  command: UserCommand,
  control: ControlLog,
  nowUs: number,
  baseUrl: string,
  print: (line: string) => void,
): Promise<void> {
  const change = async (changes: readonly ObjectChange[]): Promise<void> => {
    const outcome = await control.change(TOOL, changes, `npm run user -- ${command.verb}`);
    if (!outcome.applied) throw new Error(outcome.refusal.message);
  };
  if (command.verb === 'list') return list(control, print);
  if (command.verb === 'create') {
    const { email, name, grant } = command;
    const { token, invitation } = newInvitation(nowUs);
    const body: User = { email, name, grants: [grant], disabled: false, invitation };
    await change([{ op: 'put', kind: 'user', id: newUserId(), expect: 0, body }]);
    return print(linkFor(email, baseUrl, token));
  }
  const user = control.state.find('user', command.email.toLowerCase());
  if (user === undefined) throw new Error(`there is no user ${command.email}`);
  const put = (body: User): ObjectChange => ({ op: 'put', kind: 'user', id: user.id, expect: user.version, body });
  const sessions = control.state.naming('session', { kind: 'user', id: user.id });
  const endSessions = sessions.map(({ id }): ObjectChange => ({ op: 'remove', kind: 'session', id }));
  switch (command.verb) {
    case 'reset': {
      const { token, invitation } = newInvitation(nowUs);
      const { passwordHash: _gone, ...rest } = command.secondFactor ? withoutSecondFactor(user.body) : user.body;
      await change([put({ ...rest, invitation }), ...endSessions]);
      return print(linkFor(command.email, baseUrl, token));
    }
    case 'disable':
      await change([put({ ...user.body, disabled: true }), ...endSessions]);
      return print(`${command.email} is logged out and cannot log in.`);
    case 'enable':
      await change([put({ ...user.body, disabled: false })]);
      return print(`${command.email} can log in again.`);
  }
}

function linkFor(email: string, baseUrl: string, token: string): string {
  return `For ${email} to set a password, once and within seven days:\n\n  ${baseUrl}${invitationPath(token)}\n`;
}

function list({ state }: ControlLog, print: (line: string) => void): void {
  if (state.count('user') === 0) print('There are no users: the pool is open to everybody who reaches it.');
  for (const user of state.all('user')) print(lineOf(user));
}

function lineOf({ body }: ControlObject<'user'>): string {
  const grants = body.grants.map(({ role, tenant, site }) => `${role} of ${site ?? tenant}`).join(', ');
  const marks = [
    ...(body.disabled ? ['disabled'] : []),
    ...(body.passwordHash === undefined && body.external === undefined ? ['no password yet'] : []),
    ...(body.secondFactor === undefined ? [] : ['second factor']),
    ...(body.external === undefined ? [] : [`by ${body.external.issuer}`]),
  ];
  return `${body.email}  ${body.name}  ${grants || 'no roles'}${marks.length > 0 ? `  (${marks.join(', ')})` : ''}`;
}

function isRole(text: string): text is Role {
  return (ROLES as readonly string[]).includes(text);
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        role: { type: 'string' },
        tenant: { type: 'string' },
        site: { type: 'string' },
        'second-factor': { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UserUsageError((error as Error).message);
  }
}
