import type { Course } from "./course.js";
import { flowCourse } from "./flowCourse.js";
import { schedulerCourse } from "./schedulerCourse.js";
import { solverName, type SolverSpec } from "./solverSpec.js";
import { solvers } from "./solvers.js";

/** The course of a method; the same one for the same method. */
export function courseOf(spec: SolverSpec): Course {
  const name = solverName(spec);
  let course = COURSES.get(name);
  if (!course) {
    course = typeof spec === "string" ? flowCourse(solvers[spec]) : schedulerCourse(spec);
    if (COURSES.size >= MOST) COURSES.delete(COURSES.keys().next().value!);
    COURSES.set(name, course);
  }
  return course;
}

/** A notebook that compares steps and solvers has dozens. */
const MOST = 200;
const COURSES = new Map<string, Course>();
