// What the resolvers of places and workers' entries stand on.
import type { ControlLog } from '@assay/control-log';

export interface PlaceResolverPorts {
  readonly control: ControlLog;
}
