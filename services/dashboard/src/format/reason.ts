// Reject reasons as the record names them, in words.

const WORDS: Record<string, string> = {
  unknown_job: 'unknown job',
  ntime_out_of_range: 'time out of range',
  version_bits: 'version bits',
  low_difficulty: 'low difficulty',
  rate_limited: 'rate limited',
  not_subscribed: 'not subscribed',
};

export function formatReason(reason: string): string {
  return WORDS[reason] ?? reason.replaceAll('_', ' ');
}
