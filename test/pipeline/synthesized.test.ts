// All tests of synthesized pipelines are in one file, because a synthesis takes seconds and its result is shared.
import { validator } from '../infrastructure/validator.ts';
import './synthesized/attacks.ts';
import './synthesized/bootstrap-policy.ts';
import './synthesized/bootstrap-roles.ts';
import './synthesized/buildspecs.ts';
import './synthesized/crossings.ts';
import './synthesized/giving-away.ts';
import './synthesized/handed-on.ts';
import './synthesized/images.ts';
import './synthesized/mutants.ts';
import './synthesized/operations.ts';
import './synthesized/permission-record.ts';
import './synthesized/picture.ts';
import './synthesized/provenance.ts';
import './synthesized/role-table.ts';
import './synthesized/promotion.ts';
import './synthesized/roles.ts';
import './synthesized/started-builds.ts';
import './synthesized/told-variables.ts';
import './synthesized/verified.ts';

// Some tests need the check of templates, which allocates much memory. It is loaded before the tests fill the heap, as
// each growth would then cause a slow garbage collection.
validator();
