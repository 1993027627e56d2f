import { XMLParser } from 'fast-xml-parser';

/** A test case as CodeBuild records it. */
export interface TestCase {
  readonly prefix: string;
  readonly name: string;
  readonly status: 'SUCCEEDED' | 'FAILED' | 'ERROR' | 'SKIPPED';
  readonly message: string;
  readonly durationInNanoSeconds: number;
}

interface Element {
  readonly '@name'?: string;
  readonly '@classname'?: string;
  readonly '@message'?: string;
  readonly '@time'?: string;
  readonly '#text'?: string;
  readonly failure?: Element[];
  readonly error?: Element[];
  readonly skipped?: unknown[];
  readonly testsuites?: Element[];
  readonly testsuite?: Element[];
  readonly testcase?: Element[];
}

const lists = ['testsuites', 'testsuite', 'testcase', 'failure', 'error', 'skipped'];
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  isArray: (name) => lists.includes(name),
});

/** The test cases of a JUnit report, including those of nested suites. */
export function readJUnit(text: string): TestCase[] {
  return cases(parser.parse(text) as Element);
}

function cases(element: Element): TestCase[] {
  const suites = [...(element.testsuites ?? []), ...(element.testsuite ?? [])];
  return [...(element.testcase ?? []).map(testCase), ...suites.flatMap(cases)];
}

function testCase(element: Element): TestCase {
  const cause = element.failure?.[0] ?? element.error?.[0];
  return {
    prefix: element['@classname'] ?? '',
    name: element['@name'] ?? '',
    status: element.failure ? 'FAILED' : element.error ? 'ERROR' : element.skipped ? 'SKIPPED' : 'SUCCEEDED',
    message: [cause?.['@message'], cause?.['#text']].filter(Boolean).join('\n').trim(),
    durationInNanoSeconds: Math.round(Number(element['@time'] ?? 0) * 1e9),
  };
}
