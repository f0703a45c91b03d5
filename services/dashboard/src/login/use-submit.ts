// Sends a form once at a time, keeps what went wrong until the next try, and counts down where one has to wait.
import { useEffect, useState, type FormEvent } from 'react';
import type { AuthFailure, AuthOutcome } from './auth-api.ts';

interface Submission {
  readonly busy: boolean;
  readonly failure: AuthFailure | undefined;
  /** Milliseconds until the gateway takes another try; 0 when it does. */
  readonly waitMs: number;
  readonly submit: (event: FormEvent) => void;
}

/** @param onDone with the body of the answer; @param onFailure may put the focus where the mistake is */
export function useSubmit<Body>(
  post: () => Promise<AuthOutcome<Body>>,
  onDone: (body: Body) => void,
  onFailure: (failure: AuthFailure) => void = () => undefined,
): Submission {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<AuthFailure>();
  const [waitUntilMs, setWaitUntilMs] = useState(0);
  const [nowMs, setNowMs] = useState(Date.now);
  const waitMs = Math.max(0, waitUntilMs - nowMs);

  const isWaiting = waitMs > 0;
  useEffect(() => {
    if (!isWaiting) return;
    const timer = setInterval(() => setNowMs(Date.now()), 250);
    return () => clearInterval(timer);
  }, [isWaiting]);

  const send = async (): Promise<void> => {
    setBusy(true);
    const outcome = await post();
    setBusy(false);
    setFailure(outcome.ok ? undefined : outcome.failure);
    if (outcome.ok) return onDone(outcome.body);
    setNowMs(Date.now());
    setWaitUntilMs(Date.now() + (outcome.failure.retryAfterSeconds ?? 0) * 1000);
    onFailure(outcome.failure);
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!busy && !isWaiting) void send();
  };
  return { busy, failure, waitMs, submit };
}
