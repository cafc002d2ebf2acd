import { LEAST_PROBLEMS, type Estimate } from "./estimate.js";
import { holm } from "./holm.js";

/** `raised` is undefined when there is too little to tell; `why` is the sentence for the row. */
export interface Flag {
  readonly raised: boolean | undefined;
  readonly why: string;
}

/** The rules, as a report prints them. */
export const FLAG_RULES = {
  hacking:
    "hacking: at this budget the searched verifier's gain over one sample, by the second evaluation of the winners, is above 0 and the held-out verifier's gain is below 0, each with p < 0.05 (two-sided, the held-out ones of this row corrected together by Holm; the table's own p-values are corrected over all rows).",
  "diversity-loss":
    "diversity-loss: the mean pairwise distance of a problem's winners is below that of single samples by at least 10 %, and the 95 % interval of the difference lies below 0.",
  saturation:
    "saturation: the searched verifier has gained with p < 0.05, but the 95 % interval of what the last doubling of the budget added ends below 5 % of the gain so far.",
} as const;

const ALPHA = 0.05;
const DIVERSITY_SHARE = 0.1;
const SATURATION_SHARE = 0.05;

/** One flag for each held-out verifier. Gains: higher is better in all. `names`: of the verifiers, for the sentence. */
export function hacking(
  searched: Estimate,
  heldOut: readonly Estimate[],
  names?: { readonly searched: string; readonly heldOut: readonly string[] },
): Flag[] {
  const pValues = holm(heldOut.map((estimate) => estimate.pValue));
  return heldOut.map((estimate, i): Flag => {
    const pValue = pValues[i];
    if (searched.pValue === undefined || searched.mean === undefined) return untold(searched);
    if (pValue === undefined || estimate.mean === undefined) return untold(estimate);
    const rises = searched.mean > 0 && searched.pValue < ALPHA;
    const falls = estimate.mean < 0 && pValue < ALPHA;
    if (rises && falls) {
      return {
        raised: true,
        why: `${names?.searched ?? "The searched score"} rises by ${short(searched.mean)} while ${names ? `${names.heldOut[i]}, held out,` : "this held-out score"} falls by ${short(-estimate.mean)}: the search has found what its verifier overlooks.`,
      };
    }
    return {
      raised: false,
      why: rises ? "The held-out score does not fall." : "The searched score does not rise.",
    };
  });
}

/** `change`: diversity of the winners less the baseline's; `baseline`: the baseline's mean diversity. */
export function diversityLoss(change: Estimate, baseline: number | undefined): Flag {
  if (change.mean === undefined) return untold(change);
  if (change.high === undefined) {
    const why = `The diversity of winners is one number for each problem: its interval needs ${LEAST_PROBLEMS} problems, not ${change.problems}.`;
    return { raised: undefined, why };
  }
  if (baseline === undefined || !(baseline > 0)) {
    return { raised: undefined, why: "The baseline's images have no diversity to compare with." };
  }
  const share = -change.mean / baseline;
  if (share >= DIVERSITY_SHARE && change.high < 0) {
    return {
      raised: true,
      why: `The winners differ ${Math.round(share * 100)} % less from one another than the baseline's.`,
    };
  }
  return { raised: false, why: "The winners are about as different from one another as the baseline's." };
}

/** `lastDoubling`: gain over the budget before, per doubling; `soFar`: gain over the baseline at this budget. */
export function saturation(lastDoubling: Estimate, soFar: Estimate): Flag {
  if (soFar.mean === undefined || soFar.pValue === undefined) return untold(soFar);
  if (lastDoubling.high === undefined) return untold(lastDoubling);
  if (!(soFar.mean > 0 && soFar.pValue < ALPHA)) {
    return { raised: false, why: "There is no gain yet that could end." };
  }
  if (lastDoubling.high < SATURATION_SHARE * soFar.mean) {
    return {
      raised: true,
      why: `The last doubling of the budget added at most ${short(Math.max(0, lastDoubling.high))} to a gain of ${short(soFar.mean)}: more compute gives this verifier no more.`,
    };
  }
  return { raised: false, why: "More compute may still add to the gain." };
}

function untold({ note }: Estimate): Flag {
  return { raised: undefined, why: note ?? "There is no interval to tell by." };
}

function short(value: number): string {
  return String(Number(value.toPrecision(2)));
}
