(function () {
  "use strict";
  var rows = Array.prototype.slice.call(document.querySelectorAll("tr[data-verdicts]"));
  var search = document.getElementById("search");
  var boxes = Array.prototype.slice.call(document.querySelectorAll("input[name=verdict]"));
  function filter() {
    var words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    var wanted = boxes.filter(function (box) { return box.checked; }).map(function (box) { return box.value; });
    var shown = 0;
    rows.forEach(function (row) {
      var verdicts = row.dataset.verdicts.split(" ");
      var fits = verdicts.some(function (verdict) { return wanted.indexOf(verdict) >= 0; }) &&
        words.every(function (word) { return row.dataset.search.indexOf(word) >= 0; });
      row.hidden = !fits;
      if (fits) { shown += 1; }
    });
    document.querySelectorAll("table.matrix").forEach(function (table) {
      table.hidden = !table.querySelector("tbody tr:not([hidden])");
    });
    document.getElementById("nothing").hidden = shown > 0;
  }
  function reveal() {
    var target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    var details = target && target.querySelector("details");
    if (details) { details.open = true; target.scrollIntoView(); }
  }
  search.addEventListener("input", filter);
  boxes.forEach(function (box) { box.addEventListener("change", filter); });
  document.getElementById("filter").addEventListener("submit", function (event) { event.preventDefault(); });
  window.addEventListener("hashchange", reveal);
  document.querySelectorAll("button.copy").forEach(function (button) {
    button.addEventListener("click", function () {
      var code = button.previousElementSibling;
      if (navigator.clipboard) {
        navigator.clipboard.writeText(code.textContent).then(function () { button.textContent = "Copied"; });
      } else {
        window.getSelection().selectAllChildren(code);
      }
    });
  });
  filter();
  reveal();
}());
