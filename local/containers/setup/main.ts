import { setUpContainers } from './setup.ts';

// node local/containers/setup/main.ts: the first step of `npm run test:containers` and `npm start -- --containers`.
try {
  await setUpContainers({ report: (message) => console.log(message) });
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
