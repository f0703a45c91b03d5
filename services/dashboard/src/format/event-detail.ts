// An event's sentence without the word that already stands before it in a list.

/** `Connected from 10.0.0.7.` under the word `Connected` becomes `from 10.0.0.7.`; anything else stays as it is. */
export function eventDetail(word: string, detail: string): string {
  if (!detail.toLowerCase().startsWith(word.toLowerCase())) return detail;
  return detail.slice(word.length).replace(/^[\s:,.]+/, '');
}
