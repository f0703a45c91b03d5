// Why a connection ended, in words; what the gateway says as it is, where it says it in words already.

const WORDS: Record<string, string> = {
  closed: 'closed by the miner',
  idle: 'nothing heard of it',
  shutdown: 'gateway shut down',
  gateway_restarted: 'gateway restarted',
};

export function formatEndReason(reason: string | null): string {
  return reason === null ? '' : (WORDS[reason] ?? reason.replaceAll('_', ' '));
}
