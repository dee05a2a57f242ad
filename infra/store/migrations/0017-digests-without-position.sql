-- A digest was kept with the position of the log at which it was taken in. Nothing read that, and no checkpoint sealed it: what
-- nobody could find changed is kept no more.

SET LOCAL ROLE assay_owner;

ALTER TABLE seals.kept DROP COLUMN IF EXISTS position;

RESET ROLE;
