// What seen-rows.ts makes, by name: apart, since every thread that runs statements loads this and none of the rest.

/** The database of the views, and the role that may read it and nothing else. */
export const SEEN_DATABASE = 'assay_seen';
export const SEEN_ROLE = 'seen';
/** Whose eyes the views read with. Nobody can be this user: no session is ever opened as anybody but the owner. */
export const SEEN_BY = 'rows_seen';

/**
 * Carries what is seen into the policies. The engine takes no settings of our own; this one is a text that means nothing unless answers are
 * cached, and then keeps apart just what has to be.
 */
export const SEEN_SETTING = 'query_cache_tag';
