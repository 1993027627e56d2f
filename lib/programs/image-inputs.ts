// `image-inputs.ts FOLDER`: copies the inputs of a service's image into a folder, and prints their key. It runs before npm
// has installed anything.
import { copyInputs, imageInputs } from './images/inputs.ts';
import { refuseStandIns } from './images/stand-ins.ts';

const { SERVICE: service, IMAGE_ARCHITECTURE: architecture, IMAGE_SOURCE: repository } = process.env;
const [folder] = process.argv.slice(2);
if (!folder || !service || !architecture || !repository) {
  console.error('usage: SERVICE=… IMAGE_ARCHITECTURE=… IMAGE_SOURCE=… image-inputs.ts FOLDER');
  process.exit(1);
}
try {
  refuseStandIns('.');
  const inputs = imageInputs('.', { service, architecture, repository });
  copyInputs('.', inputs, folder);
  console.error(`The image of ${service} is made of ${inputs.files.length} files.`);
  process.stdout.write(inputs.key);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
