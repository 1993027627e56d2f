// All that is asked of synthesized pipelines, in one file: a synthesis takes seconds, and its result is shared.
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

// Before the tests have filled the memory: the check of templates, which some of them need, grows into it, and would have it
// searched for garbage each time.
validator();
