// uPlot makes a number format for `navigator.language` as it is loaded, and the whole page fails where that is no valid language tag: a
// Chromium under the C locale says `en-US@posix`. Imported before uPlot, this gives such a browser a tag that is valid.
try {
  new Intl.NumberFormat(navigator.language);
} catch {
  Object.defineProperty(navigator, 'language', { value: 'en-US', configurable: true });
}

export {};
