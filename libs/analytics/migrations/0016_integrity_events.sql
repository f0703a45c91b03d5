-- Events of the type integrity: validators judged shares otherwise than the gateway had.
ALTER TABLE assay.events COMMENT COLUMN type 'authorized, disconnected, gateway_started, reject_burst or integrity';

ALTER TABLE assay.events COMMENT COLUMN tenant 'First segment of the username, empty for gateway_started and integrity';

ALTER TABLE assay.events COMMENT COLUMN worker 'Full username, empty for gateway_started and integrity';

ALTER TABLE assay.events COMMENT COLUMN gateway 'The gateway that saw it, or that it is about';

ALTER TABLE assay.events COMMENT COLUMN reason 'disconnected: why. reject_burst: the most frequent reject reason. integrity: the validator''s where it rejects what the gateway accepted, else refuted_ and the gateway''s';

ALTER TABLE assay.events COMMENT COLUMN accepted 'reject_burst: accepted shares of the minute when the burst was found. integrity: shares that the gateway had accepted';

ALTER TABLE assay.events COMMENT COLUMN rejected 'reject_burst: rejected shares of the minute when the burst was found. integrity: shares that the gateway had rejected';

ALTER TABLE assay.events MODIFY COMMENT 'Connects, disconnects, gateway starts, reject bursts, and disagreements of validators with gateways'
