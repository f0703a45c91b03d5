export { openRedisLiveState, RedisLiveState, type RedisLiveStateOptions } from './redis-live-state.ts';
