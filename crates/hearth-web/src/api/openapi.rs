//! The OpenAPI 3.1 document, made from the table of routes and the types of the handlers.

use super::{
    Answer, BASE,
    problem::{FieldError, MEDIA_TYPE, Problem},
    routes::{Access, Described, Operation, ROUTES, Route},
};
use actix_web::HttpResponse;
use utoipa::{
    OpenApi, PartialSchema, ToSchema,
    openapi::{
        self, Components, Content, Info, License, Ref, RefOr, Required, Response, Server,
        path::{Parameter, ParameterBuilder, ParameterIn, PathItem},
        security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme},
    },
};

const SCHEME: &str = "token";

/// The description of this API, in OpenAPI.
pub(super) async fn get_document() -> Answer {
    Ok(HttpResponse::Ok().json(document()))
}

/// The whole document.
pub(super) fn document() -> openapi::OpenApi {
    let mut document = Described::openapi();
    document.info = info();
    document.servers = Some(vec![Server::new(BASE)]);
    let components = document.components.get_or_insert_with(Components::new);
    components.schemas.insert(Problem::name().into_owned(), Problem::schema());
    components.schemas.insert(FieldError::name().into_owned(), FieldError::schema());
    let mut scheme = Http::new(HttpAuthScheme::Bearer);
    scheme.description = Some("A token from your settings. It may read, or read and write.".to_owned());
    components.add_security_scheme(SCHEME, SecurityScheme::Http(scheme));
    for route in ROUTES {
        if let Some(item) = document.paths.paths.get_mut(route.path) {
            for operation in route.operations {
                describe(item, route, *operation);
            }
        }
    }
    document
}

fn info() -> Info {
    let mut info = Info::new("Hearth", env!("CARGO_PKG_VERSION"));
    info.description = Some(
        "Everything that the pages can do. Times are RFC 3339 in UTC; ids are 13 letters and digits. HEAD is answered \
         wherever GET is. How many people come to a meetup is never told, only how full it is."
            .to_owned(),
    );
    let mut license = License::new("AGPL-3.0-only");
    license.identifier = Some("AGPL-3.0-only".to_owned());
    info.license = Some(license);
    info
}

fn operation_mut<'item>(item: &'item mut PathItem, method: &str) -> Option<&'item mut openapi::path::Operation> {
    match method {
        "get" => item.get.as_mut(),
        "post" => item.post.as_mut(),
        "put" => item.put.as_mut(),
        "patch" => item.patch.as_mut(),
        "delete" => item.delete.as_mut(),
        _ => None,
    }
}

/// Adds what follows from the route itself: the id, who may call, and the problems that may come.
fn describe(item: &mut PathItem, route: &Route, operation: Operation) {
    let Some(described) = operation_mut(item, operation.method) else { return };
    described.security = Some(security(operation.access));
    if route.path.contains("{id}") {
        let parameters = described.parameters.get_or_insert_default();
        parameters.retain(|parameter| !matches!(parameter, RefOr::T(Parameter { name, .. }) if name == "id"));
        parameters.insert(0, RefOr::T(id_parameter()));
    }
    let has_query = described.parameters.as_ref().is_some_and(|parameters| {
        parameters.iter().any(|p| matches!(p, RefOr::T(Parameter { parameter_in: ParameterIn::Query, .. })))
    });
    let has_body = described.request_body.is_some();
    let responses = &mut described.responses.responses;
    for (status, words) in problems(route, operation, has_body, has_query) {
        responses.entry(status.to_owned()).or_insert_with(|| RefOr::T(problem_response(words)));
    }
}

fn security(access: Access) -> Vec<SecurityRequirement> {
    let token = |scope: &str| SecurityRequirement::new(SCHEME, [scope]);
    match access {
        Access::Free => vec![SecurityRequirement::default()],
        Access::Open => vec![SecurityRequirement::default(), token("read")],
        Access::Read => vec![token("read")],
        Access::Write => vec![token("write")],
    }
}

fn id_parameter() -> Parameter {
    ParameterBuilder::new()
        .name("id")
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some("An id: 13 letters and digits."))
        .schema(Some(String::schema()))
        .build()
}

fn problems(route: &Route, operation: Operation, body: bool, query: bool) -> Vec<(&'static str, &'static str)> {
    let write = operation.access == Access::Write || operation.method != "get";
    let with_id = route.path.contains("{id}");
    let keepers = route.path.starts_with("/admin");
    let file = route.path == "/images";
    let all = [
        (write || query, "400", "The request can't be read."),
        (operation.access != Access::Free, "401", "There is no token, or it is not known."),
        (
            write || keepers || operation.access == Access::Read,
            "403",
            "This is not for you, or the token may only read.",
        ),
        (with_id || route.path.ends_with("/lookup"), "404", "There is nothing here, or it is only for members."),
        (write, "409", "It is there already, or does not go together with what is there."),
        (with_id, "410", "It was removed."),
        (write && !file, "413", "More than 64 KiB were sent."),
        (file, "413", "More than 10 MB were sent."),
        (write && !file, "415", "What was sent is not JSON."),
        (write || body || query, "422", "Some fields can't be taken; each is named."),
        (limited(route), "429", "It was tried too often; Retry-After says how long to wait."),
        (true, "500", "Something went wrong here."),
        (route.path.ends_with("/lookup"), "502", "Another server did not answer, or said no."),
        (true, "503", "The server is not set up, or can't answer now."),
        (adds_much(operation.method, route.path), "507", "The disk of the server is full; nothing new is kept."),
    ];
    all.into_iter().filter(|(applies, ..)| *applies).map(|(_, status, words)| (status, words)).collect()
}

/// Whether it is refused while the disk is full. Everything else adds a line at most, or removes something, and is done.
pub(super) fn adds_much(method: &str, path: &str) -> bool {
    const PATHS: [&str; 12] = [
        "/accounts",
        "/account/personas",
        "/groups",
        "/groups/{id}/posts",
        "/groups/{id}/events",
        "/posts/{id}/replies",
        "/events/{id}/replies",
        "/posts/{id}/card",
        "/groups/{id}/scheduled",
        "/groups/{id}/check-ins",
        "/scheduled/{id}/publish",
        "/images",
    ];
    method == "post" && PATHS.contains(&path)
}

/// Whether tries are counted.
fn limited(route: &Route) -> bool {
    const PATHS: [&str; 7] = [
        "/setup",
        "/accounts",
        "/account/password",
        "/groups/lookup",
        "/posts/{id}/card",
        "/posts/{id}/card-request",
        "/images",
    ];
    PATHS.contains(&route.path)
}

fn problem_response(words: &str) -> Response {
    let mut response = Response::new(words);
    let schema = Ref::from_schema_name(Problem::name());
    response.content.insert(MEDIA_TYPE.to_owned(), RefOr::T(Content::new(Some(schema))));
    response
}

/// Every method and path of the document, for the test that holds it and the routes together.
#[cfg(test)]
pub(super) fn operations() -> Vec<String> {
    let methods = ["get", "post", "put", "patch", "delete", "head", "options", "trace"];
    let json = serde_json::to_value(document()).unwrap();
    let mut operations = Vec::new();
    for (path, item) in json["paths"].as_object().unwrap() {
        operations.extend(methods.iter().filter(|method| item.get(method).is_some()).map(|m| format!("{m} {path}")));
    }
    operations.sort();
    operations
}
