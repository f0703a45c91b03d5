// What the map of the fleet asks: racks with a small value of each of their machines.
import { graphql, type ResultOf } from '@assay/api-client';

export const FLEET_MAP = graphql(`
  query FleetMap($filter: WorkerFilter, $rack: String, $of: FleetMapValue!) {
    fleetMap(filter: $filter, rack: $rack) {
      workers
      rackCount
      racks {
        tenant
        site
        rack
        workers
        online
        silent
        offline
        value(of: $of)
        machines
        statuses
        values(of: $of)
      }
    }
  }
`);

export type FleetMapRack = ResultOf<typeof FLEET_MAP>['fleetMap']['racks'][number];
