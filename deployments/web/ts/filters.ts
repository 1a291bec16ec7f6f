// Filters and the sort order apply as soon as they change; without script a button submits them.

/** A form names only what is set, so that the address stays short and readable. */
function submitWithoutBlanks(form: HTMLFormElement): void {
  for (const field of form.querySelectorAll<HTMLInputElement | HTMLSelectElement>("[name]")) {
    if (field.value === "") field.disabled = true;
  }
  form.submit();
}

export function applyFiltersAtOnce(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-at-once]")) {
    form.addEventListener("change", (event) => {
      const field = event.target;
      const isDate = field instanceof HTMLInputElement && field.type === "date";
      const isSheet = form.matches(":popover-open");
      if (!isDate && !isSheet) submitWithoutBlanks(form);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      submitWithoutBlanks(form);
    });
  }
}
