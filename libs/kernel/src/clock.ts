// Time is a parameter: nothing in the domain reads the clock itself, so that a simulation can run on virtual time.

/** Source of the current time. All timestamps in Assay are UTC microseconds since 1970, exact in a double until the year 2255. */
export interface Clock {
  /** Wall-clock time, microseconds since 1970, UTC. */
  nowUs(): number;
}

export const systemClock: Clock = {
  // performance.timeOrigin + now() has microsecond resolution; Date.now() has only milliseconds.
  nowUs: () => Math.round((performance.timeOrigin + performance.now()) * 1000),
};

export const MICROS_PER_SECOND = 1_000_000;
export const MICROS_PER_MINUTE = 60 * MICROS_PER_SECOND;
export const MICROS_PER_HOUR = 60 * MICROS_PER_MINUTE;
export const MICROS_PER_DAY = 24 * MICROS_PER_HOUR;
